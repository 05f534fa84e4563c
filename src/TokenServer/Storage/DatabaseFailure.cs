namespace TokenServer.Storage;

/// <summary>What the database said of a failure, whoever passes it on: EF wraps it,
/// and wraps that again where a repeat might succeed.</summary>
internal static class DatabaseFailure
{
    public static DbException? Of(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
            if (e is DbException said) return said;
        return null;
    }
}
