"""Measures how much risk AskSafe notices and how often it cries wolf: `make eval`."""
