"""Teaches the sentence encoder to notice risk: a step of development, never of set-up or use.

`make finetune` runs environment (PyTorch), prepare (messages as targets), train (the encoder),
letters (spelling and slang) and export (what ships). README.md says how and from what.
"""
