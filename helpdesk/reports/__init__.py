"""Read-only figures for operators: health of the parts, and counters for Prometheus.

Records no events and hears none. Start reading at `views.py`.
"""
