using System.ComponentModel.DataAnnotations;

namespace TokenServer.Sample.Gateway;

/// <summary>Settings <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>The issuer identifier of the token server, to the letter.</summary>
    [Required]
    public string Issuer { get; set; } = "";

    /// <summary>Where the server is reached from here; empty: at its issuer identifier.</summary>
    public string Server { get; set; } = "";

    /// <summary>Whom tokens must be for: what <c>aud</c> must contain.</summary>
    [Required]
    public string Audience { get; set; } = "";

    /// <summary>The client that reads the feed and introspects: confidential, with <c>introspection</c> and the audience among its
    /// <c>audiences</c>.</summary>
    [Required]
    public string ClientId { get; set; } = "";

    [Required]
    public string ClientSecret { get; set; } = "";

    /// <summary>The scheme and host, and port where it is none of the usual, by which clients call this gateway, as
    /// <c>https://api.example.com</c>: what proofs of keys must name (<c>htu</c>), whatever a request's <c>Host</c> says. Empty: no token
    /// passes that is bound to a key.</summary>
    public string Origin { get; set; } = "";

    /// <summary>Address and port, of nobody's but the operator's, where <c>/health</c> is answered; empty: nowhere.</summary>
    public string Health { get; set; } = "";

    /// <summary>What this gateway calls itself where several read as one client.</summary>
    public string Name { get; set; } = "";

    /// <summary>How the feed is read: <see cref="FeedWay.Stream"/>, or <see cref="FeedWay.Poll"/> where something on the way keeps
    /// streams back.</summary>
    public FeedWay FeedBy { get; set; }

    /// <summary>How old what is known of revocations may be. The server says every second that nothing is missing.</summary>
    public TimeSpan FeedBound { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What happens to a request when it is older.</summary>
    public StaleFeed WhenStale { get; set; } = StaleFeed.Refuse;

    /// <summary>The address of one of the server's routes.</summary>
    public Uri Of(string path) => new((Server.Length > 0 ? Server : Issuer).TrimEnd('/') + path);
}

/// <summary>How the feed is read.</summary>
public enum FeedWay
{
    /// <summary>Server-sent events.</summary>
    Stream,

    /// <summary>RFC 8936, each poll held until there is something, a few seconds at most.</summary>
    Poll,
}

/// <summary>What becomes of a request while it is not known what was revoked.</summary>
public enum StaleFeed
{
    /// <summary>503: nobody gets in.</summary>
    Refuse,

    /// <summary>The server is asked about each token (RFC 7662); 503 where it does not answer.</summary>
    Introspect,
}
