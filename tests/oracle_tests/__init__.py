"""Tests of the oracle itself. They run with the others, and also without Django:

python -m pytest -c /dev/null --rootdir . --confcutdir tests/oracle_tests \
    --import-mode=importlib -p no:django tests/oracle_tests
"""
