"""Brings a school's own documents in: reads files, drafts facts for a person to rewrite."""
