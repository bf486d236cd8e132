"""Benches: how often a judgement is right, over many cases whose truth is known."""
