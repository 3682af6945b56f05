"""Tools for setting AskSafe up and for keeping it; never part of a chat."""
