"""Charts as geometry: numbers in, places on a fixed canvas out; templates/components/charts draw.

Each chart says one thing: its title is that sentence, its table holds every number, and nothing
depends on colour alone.
"""
