using System.Security.Cryptography;
using System.Text.Json;
using TokenServer.Tests.Support;
using TokenServer.Tokens.Dpop;

namespace TokenServer.Tests.Connect.Dpop;

/// <summary>The keys of proofs that are remembered.</summary>
public sealed class ProofKeysTests
{
    private readonly ProofKeys keys = new();

    [Fact]
    public void A_key_is_remembered_when_its_signature_was_good_and_goes_on_being_looked_at()
    {
        var key = new DpopKey();
        string proof = key.Sign(new { jti = "one" }), other = key.Sign(new { jti = "two" });
        keys.Read(Forged(proof)).Problem.Should().NotBeNull();
        keys.Count.Should().Be(0, "strangers fill nothing with what they cannot sign");
        for (int i = 0; i < 3; i++) keys.Read(proof).Key!.Thumbprint.Should().Be(key.Thumbprint);
        keys.Read(other).Key.Should().BeSameAs(keys.Read(proof).Key);
        keys.Count.Should().Be(1);
        foreach (string wrong in (string[])[Forged(proof), proof[..proof.LastIndexOf('.')], proof + ".x", proof + "=", proof[..^2], $"{proof[..proof.LastIndexOf('.')]}.{other[(other.LastIndexOf('.') + 1)..]}"])
            keys.Read(wrong).Key.Should().BeNull(wrong);
        keys.Read(proof).Key.Should().NotBeNull();
    }

    [Fact]
    public void Malformed_keys_are_never_remembered()
    {
        var key = new DpopKey();
        var jwk = key.Key.Jwk;
        foreach (object? wrong in (object?[])
        [
            null, "x", new { kty = "EC" }, With("x", jwk["y"]), With("d", "AA"), With("y", jwk["y"] + "="), With("crv", "P-384"), With("kty", "oct"), With("alg", "ES384"),
        ]) keys.Read(key.Sign(new { jti = "one" }, new { jwk = wrong })).Problem.Should().NotBeNull(JsonSerializer.Serialize(wrong));
        keys.Read(key.Sign(new { jti = "one" }, new { typ = "jwt" })).Problem.Should().Be("its typ is not dpop+jwt");
        keys.Read(key.Sign(new { jti = "one" }, new { crit = new[] { "x" } })).Problem.Should().NotBeNull();
        keys.Read(key.Sign(new { jti = "one" }, new { alg = "none" })).Problem.Should().NotBeNull();
        keys.Count.Should().Be(0);

        object With(string name, object value) => new Dictionary<string, object>(jwk) { [name] = value };
    }

    [Fact]
    public void Two_keys_never_have_one_thumbprint_and_one_key_has_one_however_its_header_is_written()
    {
        var (one, two) = (new DpopKey(), new DpopKey());
        string plain = keys.Read(one.Sign(new { jti = "a" })).Key!.Thumbprint;
        var named = new Dictionary<string, object>(one.Key.Jwk.Reverse()) { ["kid"] = "a name", ["use"] = "sig" };
        keys.Read(one.Sign(new { jti = "b" }, new { jwk = named })).Key!.Thumbprint.Should().Be(plain);
        keys.Read(two.Sign(new { jti = "c" })).Key!.Thumbprint.Should().Be(two.Thumbprint).And.NotBe(plain);
        keys.Read(two.Sign(new { jti = "d" }, new { jwk = one.Key.Jwk })).Key.Should().BeNull("who names another's key has not signed with it");
        keys.Read(one.Sign(new { jti = "a" })).Key!.Thumbprint.Should().Be(plain);
    }

    [Fact]
    public void However_many_keys_there_are_the_table_stays_as_it_is_and_each_is_read_right()
    {
        var key = new DpopKey();
        for (int i = 0; i < ProofKeys.Places + 200; i++)
            keys.Read(key.Sign(new { jti = "one" }, new { n = i })).Key!.Thumbprint.Should().Be(key.Thumbprint);
        keys.Count.Should().BeInRange(ProofKeys.Places / 4, ProofKeys.Places);
    }

    [Fact]
    public async Task Any_number_of_threads_verify_with_one_key()
    {
        var key = new DpopKey();
        string[] proofs = [.. Enumerable.Range(0, 64).Select(i => key.Sign(new { jti = i }))];
        keys.Read(proofs[0]).Key.Should().NotBeNull();
        await Parallel.ForAsync(0, 2_000, (i, _) =>
        {
            string proof = proofs[i % proofs.Length];
            bool isForged = i % 3 == 0;
            (keys.Read(isForged ? Forged(proof) : proof).Key is null).Should().Be(isForged);
            return default;
        });
    }

    private static string Forged(string proof)
    {
        int last = proof.LastIndexOf('.') + 1;
        byte[] signature = System.Buffers.Text.Base64Url.DecodeFromChars(proof.AsSpan(last));
        signature[RandomNumberGenerator.GetInt32(signature.Length)] ^= 1;
        return proof[..last] + System.Buffers.Text.Base64Url.EncodeToString(signature);
    }
}
