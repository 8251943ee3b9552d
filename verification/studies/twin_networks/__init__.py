"""Twin networks: runs of gradient descent on samples that differ in one example, and what their distance says of the gap."""
