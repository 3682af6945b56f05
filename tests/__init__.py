"""Tests of AskSafe; fixtures stand in conftest.py, stand-ins in fakes.py."""
