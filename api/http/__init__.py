"""The HTTP surface: routes beside their wire models, problems, sign-in."""
