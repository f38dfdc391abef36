"""What is counted of our calls to WeChat."""

from prometheus_client import Counter, Histogram

CALLS = Counter("gridhall_wechat_calls", "Calls to WeChat, by how they ended.", ("call", "outcome"))

SECONDS = Histogram(
    "gridhall_wechat_call_seconds",
    "Duration of a call to WeChat.",
    ("call",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

PUSHES = Counter("gridhall_wechat_pushes", "Events that WeChat pushed to us, by what became of them.", ("event", "did"))
