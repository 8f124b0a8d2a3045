"""The failures of `crypto`. None of their messages carries key material or plaintext."""


class CryptoError(Exception):
    """The base of all failures in this package."""


class SuiteError(CryptoError):
    """A suite that is unknown, retired or below the floor."""


class FormatError(CryptoError):
    """Bytes that are not a well-formed object of the expected kind and version."""


class ForgedError(CryptoError):
    """A signature, tag or digest that does not verify."""


class TrustError(CryptoError):
    """A key, trust bundle or permit that is not (or no longer) trusted."""


class KeyStateError(CryptoError):
    """An operation that the key's state does not allow."""


class TLSError(CryptoError):
    """A connection that is not hybrid, or whose peer is not who it must be."""
