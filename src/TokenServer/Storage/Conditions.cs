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

    /// <summary><c>WHERE …</c> with one condition more, which comes first.</summary>
    public string SqlWith(string condition) => "WHERE " + string.Join(" AND ", [condition, .. parts]);

    /// <summary>The same conditions, to be added to by themselves.</summary>
    public Conditions Copy()
    {
        var copy = new Conditions();
        copy.parts.AddRange(parts);
        copy.values.AddRange(values);
        return copy;
    }

    /// <summary>Adds a condition in which <c>{0}</c> stands for <paramref name="value"/>, unless that is null.</summary>
    public void AddIf(string condition, object? value)
    {
        if (value is null) return;
        parts.Add(condition.Replace("{0}", "@p" + values.Count, StringComparison.Ordinal));
        values.Add(value);
    }

    /// <summary>Adds a condition in which <c>{0}</c> stands for a list of <paramref name="some"/>, unless that is null.</summary>
    public void AddAnyOf(string condition, IReadOnlyCollection<string>? some)
    {
        if (some is not null) parts.Add(condition.Replace("{0}", string.Join(", ", some.Select(Bind)), StringComparison.Ordinal));
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
