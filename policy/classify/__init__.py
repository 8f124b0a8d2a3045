"""Deciding what a dataset is: readers, detectors, evidence, label."""
