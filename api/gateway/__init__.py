"""The gateway at a cluster: send, receive, relay."""
