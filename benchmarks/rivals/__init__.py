"""Networks, detectors and programs of others, and what they published."""

GET_FER = "the lines under 'fer' in benchmarks/README.md, then --fer build/fer/bin/python"
