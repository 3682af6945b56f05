"""Notices signals in a student's own words, before and without Rasa."""
