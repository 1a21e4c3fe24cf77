#!/bin/sh
# Stands for a Python without the peer's package.
echo '{"missing": "openvino"}'
