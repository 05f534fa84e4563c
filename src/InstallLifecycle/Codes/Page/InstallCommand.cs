using System.Text.RegularExpressions;

namespace InstallLifecycle.Codes.Page;

/// <summary>The line that installs. The code is no part of it: <c>ps</c> would show it to every user of the server.</summary>
internal static partial class InstallCommand
{
    /// <summary>The line for the server at <paramref name="url"/>; null where that has no place in a shell.</summary>
    public static string? For(string url)
    {
        // A name under a wildcard may hold `$(…)`, which a browser sends as it is and a reader of the page would paste into a root shell.
        if (!Plain().IsMatch(url) || !Uri.TryCreate(url, UriKind.Absolute, out _)) return null;
        // A folder of its own: in a shared one somebody could put another script in its place before it runs as root.
        return $"cd \"$(mktemp -d)\" && curl -fsS {url}/slowdns/install.sh -o install.sh && sudo SLOWDNS_URL={url} bash install.sh";
    }

    [GeneratedRegex(@"\Ahttps?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._%-]+)*\z")]
    private static partial Regex Plain();
}
