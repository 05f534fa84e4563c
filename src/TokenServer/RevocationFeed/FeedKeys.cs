using TokenServer.Keys;

namespace TokenServer.RevocationFeed;

/// <summary>Which keys are published, in a word: a gateway that has others reads them anew at once, so that what a replaced key signed
/// passes nowhere for longer than what was revoked does.</summary>
internal sealed class FeedKeys(KeyRing ring)
{
    private volatile Tuple<IReadOnlyList<RingKey>, string>? last;

    /// <summary>The SHA-256 of the <c>kid</c> of all that <c>/.well-known/jwks</c> has, in the order of their bytes, each with a line feed
    /// after it; base64url.</summary>
    public string Mark
    {
        get
        {
            var keys = ring.Keys;
            if (last is { } known && ReferenceEquals(known.Item1, keys)) return known.Item2;
            string all = string.Concat(keys.Select(k => k.Key.KeyId).Order(StringComparer.Ordinal).Select(id => id + "\n"));
            string mark = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
            last = Tuple.Create(keys, mark);
            return mark;
        }
    }
}
