namespace TokenServer.Storage;

/// <summary>The database cannot take the operation now: nothing was changed, unless the connection was lost in the moment of the commit.
/// Answered with 503 and <c>Retry-After</c>.</summary>
internal sealed class StorageUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
