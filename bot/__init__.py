"""AskSafe: answers, notices risk, and hands over to people. Start reading at conversation.py."""
