namespace TokenServer.Storage;

/// <summary>The conditions of a query that may have some of many; only texts of the program go into the statement,
/// values are bound.</summary>
internal sealed class Conditions
{
    private readonly List<string> parts = [];
    private readonly List<object?> values = [];

    /// <summary><c>WHERE …</c>, or nothing.</summary>
    public string Sql => parts.Count == 0 ? "" : "WHERE " + string.Join(" AND ", parts);

    public object?[] Values => [.. values];

    /// <summary>Adds a condition in which <c>{0}</c> stands for <paramref name="value"/>, unless that is null.</summary>
    public void AddIf(string condition, object? value)
    {
        if (value is null) return;
        parts.Add(condition.Replace("{0}", "@p" + values.Count, StringComparison.Ordinal));
        values.Add(value);
    }

    /// <summary>The text that stands for one more value, bound like the others; ask for <see cref="Values"/> afterwards.</summary>
    public string Bind(object value)
    {
        values.Add(value);
        return "@p" + (values.Count - 1);
    }

    /// <summary>Adds a condition without a value.</summary>
    public void Add(string condition) => parts.Add(condition);
}
