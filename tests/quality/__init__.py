"""Floors under the quality of the shipped model."""
