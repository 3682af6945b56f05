"""`make bench`: AskSafe beside a stock Rasa server, measured in one run."""
