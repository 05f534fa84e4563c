namespace TokenServer.Clients;

/// <summary>Whether an address that a client sent is one that it has registered: to the letter (OpenID Connect Core section 3.1.2.1,
/// RFC 9700 section 2.1), but for the port of http on this machine, which an application does not choose (RFC 8252 section 7.3).</summary>
internal static class RedirectUriMatch
{
    private static readonly string[] Loopbacks = ["http://127.0.0.1", "http://[::1]", "http://localhost"];

    /// <summary>Whether <paramref name="client"/> may be answered at <paramref name="address"/>.</summary>
    public static bool Allows(Client client, string address)
    {
        if (!RedirectUris.CanBeSent(address)) return false;
        string? loopback = null;
        foreach (string registered in client.RedirectUris)
        {
            if (registered == address) return true;
            if (WithoutPort(registered) is { } open && open == (loopback ??= WithoutPort(address) ?? "")) return true;
        }
        return false;
    }

    // Null for what is no http address on this machine.
    private static string? WithoutPort(string address)
    {
        if (Array.Find(Loopbacks, l => address.StartsWith(l, StringComparison.Ordinal)) is not { } origin) return null;
        var rest = address.AsSpan(origin.Length);
        if (rest is [':', .. var port])
        {
            int end = port.IndexOfAnyExceptInRange('0', '9');
            if (end < 0) end = port.Length;
            if (end is 0 or > 5 || port[0] == '0' || int.Parse(port[..end], CultureInfo.InvariantCulture) > ushort.MaxValue) return null;
            rest = port[end..];
        }
        return rest is [] or ['/' or '?', ..] ? string.Concat(origin, rest) : null;
    }
}
