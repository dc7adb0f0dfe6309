"""Instances for people who test verifiers: networks and queries whose verdicts are certain, in both directions.

`networks` writes maxima in strange ways and spoils networks by very little, `instances`
is the list, `files` the folder.
"""
