using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using TokenServer.Foundation;

namespace TokenServer.Connect.Remembered;

/// <summary>
/// What OpenIddict decided about a request, under a keyed hash of its credentials and body: machines send the same request all day. Who
/// takes one looks whether what it hung on is still so; at any doubt the request goes through the pipeline (docs/decisions/0023). A
/// table of fixed size, in which a newer decision takes an older one's place.
/// </summary>
internal sealed class RememberedDecisions(TokenServerOptions options, TimeProvider clock)
{
    // A decision of introspection holds a token and an answer, some 3 KB.
    private const int Places = 1 << 13, LargestRemembered = 12 * 1024;
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Entry?[] table = new Entry?[Places];

    /// <summary>
    /// Where a request of this kind belongs; null where it is none that may be remembered. The body stays to be read.
    /// </summary>
    public async ValueTask<Fingerprint?> FingerprintAsync(HttpContext http, RequestKind kind)
    {
        if (!options.RememberDecisions || http.Request.ContentLength is not (> 0 and <= LargestRemembered)) return null;
        if (http.Request.Headers.Authorization.Count > 1) return null;
        var reader = http.Request.BodyReader;
        var read = await reader.ReadAsync(http.RequestAborted);
        while (!read.IsCompleted && read.Buffer.Length < http.Request.ContentLength)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync(http.RequestAborted);
        }
        var fingerprint = Hash(http.Request, read.Buffer, kind);
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        return fingerprint;
    }

    /// <summary>The decision about the same request, if there is one.</summary>
    public T? Find<T>(Fingerprint fingerprint) where T : class =>
        Volatile.Read(ref table[Place(fingerprint)]) is { } entry && entry.Fingerprint == fingerprint
        && (entry.Until is not { } end || clock.GetUtcNow().UtcDateTime < end) ? entry.Decision as T : null;

    /// <summary>Remembers a decision, <paramref name="until"/> a moment (UTC) if it hangs on one.</summary>
    public void Remember(Fingerprint fingerprint, object decision, DateTime? until) =>
        Volatile.Write(ref table[Place(fingerprint)], new(fingerprint, decision, until));

    private Fingerprint Hash(HttpRequest request, ReadOnlySequence<byte> body, RequestKind kind)
    {
        string authorization = request.Headers.Authorization.ToString(), type = request.ContentType ?? "";
        int length = 9 + Encoding.UTF8.GetMaxByteCount(authorization.Length + type.Length) + (int)body.Length;
        byte[] text = ArrayPool<byte>.Shared.Rent(length);
        text[0] = (byte)((byte)kind << 1 | request.Headers.Authorization.Count);
        int end = 9;
        end += Encoding.UTF8.GetBytes(authorization, text.AsSpan(end));
        // Their lengths are part of what is hashed, so that no part can be taken for another's.
        BitConverter.TryWriteBytes(text.AsSpan(1), end);
        end += Encoding.UTF8.GetBytes(type, text.AsSpan(end));
        BitConverter.TryWriteBytes(text.AsSpan(5), end);
        body.CopyTo(text.AsSpan(end));
        end += (int)body.Length;
        Span<byte> mac = stackalloc byte[32];
        HMACSHA256.HashData(key, text.AsSpan(0, end), mac);
        ArrayPool<byte>.Shared.Return(text, clearArray: true);
        return new(BitConverter.ToUInt128(mac), BitConverter.ToUInt128(mac[16..]));
    }

    private static int Place(Fingerprint fingerprint) => (int)(uint)(fingerprint.A & (Places - 1));

    private sealed record Entry(Fingerprint Fingerprint, object Decision, DateTime? Until);
}

/// <summary>A request's keyed hash.</summary>
internal readonly record struct Fingerprint(UInt128 A, UInt128 B);

/// <summary>What a request is of, so that one endpoint's is never taken for another's.</summary>
internal enum RequestKind : byte { Token, ProvenToken, Introspection }
