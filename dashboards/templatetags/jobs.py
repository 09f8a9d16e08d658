"""Filters of the jobs pages."""

from django import template

from dashboards import job_words

register = template.Library()

register.filter("run_chip", job_words.run_chip)
register.filter("chunk_chip", job_words.chunk_chip)
register.filter("kind_title", job_words.kind_title)
register.filter("in_plain_words", job_words.in_plain_words)
