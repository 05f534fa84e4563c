using OpenIddict.Abstractions;
using TokenServer.Clients;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Connect.Authorize;

/// <summary>The parameters of an authorization request that have a meaning here, and how long each may be; all others are
/// ignored.</summary>
internal static class RequestParameters
{
    // What comes back in an address, or in a token, must fit into them.
    private const int Short = 255, Long = 2_000, LongestToken = 8_192;

    private static readonly (string Name, int Longest)[] Known =
    [
        (Parameters.ClientId, Short), (Parameters.RedirectUri, LongestToken), (Parameters.ResponseType, Short),
        (Parameters.ResponseMode, Short), (Parameters.Scope, LongestToken), (Parameters.State, Long), (Parameters.Nonce, Long),
        (Parameters.CodeChallenge, Short), (Parameters.CodeChallengeMethod, Short), (Parameters.Prompt, Short), (Parameters.MaxAge, 10),
        (Parameters.LoginHint, Short), (Parameters.IdTokenHint, LongestToken), (Parameters.AcrValues, Long), (Parameters.Display, Short),
        (Parameters.UiLocales, Long), (Parameters.ClaimsLocales, Long), ("dpop_jkt", Short),
    ];

    // Nothing here reads them.
    private static readonly string[] Ignored = [Parameters.Display, Parameters.UiLocales, Parameters.ClaimsLocales];

    /// <summary>Those that were sent and say something; a scope that is named twice is named once.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(OpenIddictRequest request)
    {
        foreach (var (name, _) in Known)
        {
            if ((string?)request.GetParameter(name) is not { Length: > 0 } value || Ignored.Contains(name)) continue;
            yield return new(name, name == Parameters.Scope ? ScopeSet.Parse(value).ToString() : value);
        }
    }

    /// <summary>One that is longer than it may be; null where none is.</summary>
    public static string? TooLong(OpenIddictRequest request)
    {
        foreach (var (name, longest) in Known)
            if (((string?)request.GetParameter(name))?.Length > longest) return name;
        return null;
    }
}
