using System.Text;
using InstallLifecycle.HostKeys;

namespace InstallLifecycle.Tests.HostKeys;

/// <summary>Keys and signatures that OpenSSH 9.2's ssh-keygen made once, and what is near them: no other program is needed.</summary>
public sealed class HostKeyVectorTests
{
    private const string MachineId = "0123456789abcdef0123456789abcdef", Challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    private const string Ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICVKgzhCmXaL0baQi79GDJeUw/wZWdwb2I67vJsgna7M root@ns1.example.com";

    private const string Ed25519Signature = "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgJUqDOEKZdovRtpCLv0YMl5TD/BlZ3BvYjru8myCdrswAAAAPc2xvd2Rucy1pbnN0YWxsAAAAAAAA"
            + "AAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5AAAAQOL4CP8JKbKDf0sYHQ5onRHfcC0mdB7zLfDynwGNNOwKxbOFpSfnPOWz1FXpkOUio5xCSO22jGYgGuMB"
            + "0q68kAI=";

    private const string Nistp256 = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCjjD4zlSf1Dq3KT9YjtoaJGH+eet3rsoyOWsNAO/CIj04xA"
            + "/e7NrVkhpVjH2MKkDeVtck2iIIVM4U66VcVKJnk= root@ns1.example.com";

    private const string Nistp256Signature = "U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAEEEKOMPjOVJ/UOrcpP1iO2hokYf5563euyjI5aw0A78IiPTjED9"
            + "7s2tWSGlWMfYwqQN5W1yTaIghUzhTrpVxUomeQAAAA9zbG93ZG5zLWluc3RhbGwAAAAAAAAABnNoYTUxMgAAAGQAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAA"
            + "AEkAAAAhAMDcktVmG/xQ7rEbDDRCUYRBG2xzgdVSM5pk9ERSfEN5AAAAIDg+Niab0lQX3VPAkHWPTsSfsS6lOqD/uccIpLAQxlLs";

    private const string Nistp384 = "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBHj9Y4eXCW1l1vmZbNobrqSTQENk0qJElNICaa774qwnv2+e"
            + "TOKo/Eu7i3ea0r3A4dbl/TfaTpXpTsaPFIE0/IUvq1BxeSOXmjgXz45vSUDxbipfBL2ZCn0nS8biOkM0dQ== root@ns1.example.com";

    private const string Nistp384Signature = "U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAGEEeP1jh5cJbWXW+Zls2huupJNAQ2TSokSU0gJprvvirCe/b55M"
            + "4qj8S7uLd5rSvcDh1uX9N9pOlelOxo8UgTT8hS+rUHF5I5eaOBfPjm9JQPFuKl8EvZkKfSdLxuI6QzR1AAAAD3Nsb3dkbnMtaW5zdGFsbAAAAAAAAAAGc2hh"
            + "NTEyAAAAgwAAABNlY2RzYS1zaGEyLW5pc3RwMzg0AAAAaAAAADB9Jt4oqoRmBuZe7egNMf9Uu0No0pgpUHdVG5yIhJKRdkdvp1but0y+HB3hD24AowIAAAAw"
            + "GaMWO4GQmmiT4Ztih+ldOKdpgH6qa1of7A75pXkaH/6GERJmIygGrehP6IOMuFHH";

    private const string Rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCQNHt2mEEC4BHKo3xwRcnXq9Lu9uVqM92+FUWwXX+KgGWEz+xxgLzG4c3iqJDSZYg96XE/VQOmj4MdLQoE"
            + "dx2omriW4QNFiipbdk23poFOa09Zv9/RCTCgNrGJzN155X6AjgOaEjqkP/HA4DZaVfAEdab1kvXlyiSp+9Aj0ujYYLBJpZuM6qTNbhB4LV83MC1kA+jS4Snl"
            + "InCEClA6tnkDTaXLYiaE/4l4HBY/RpXkUPTAbqdTLTr65+ANzz0ywR/c02MvpJgm7bUpIDL9hIpjf5X/SgXQbh0/uv26f5xfCSNJZ4u0ndG/Lx9SvEDnN7wo"
            + "NIzcg3DfbzgW+6HPkpJX root@ns1.example.com";

    private const string RsaSignature = "U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAJA0e3aYQQLgEcqjfHBFyder0u725Woz3b4VRbBdf4qAZYTP7HGAvMbhzeKokNJliD3pcT9V"
            + "A6aPgx0tCgR3HaiauJbhA0WKKlt2TbemgU5rT1m/39EJMKA2sYnM3XnlfoCOA5oSOqQ/8cDgNlpV8AR1pvWS9eXKJKn70CPS6NhgsEmlm4zqpM1uEHgtXzcw"
            + "LWQD6NLhKeUicIQKUDq2eQNNpctiJoT/iXgcFj9GleRQ9MBup1MtOvrn4A3PPTLBH9zTYy+kmCbttSkgMv2EimN/lf9KBdBuHT+6/bp/nF8JI0lni7Sd0b8v"
            + "H1K8QOc3vCg0jNyDcN9vOBb7oc+SklcAAAAPc2xvd2Rucy1pbnN0YWxsAAAAAAAAAAZzaGE1MTIAAAEUAAAADHJzYS1zaGEyLTUxMgAAAQBTUlIZZ5NKs7X6"
            + "Tx8OlMJeNTiQL8+WYB94cleX49Rl+KAq9qul10NoqCnaqwOqKzdN/bsOhANieySTWcGgFLDU8/VKTxsr/gY3+E4Upci8+EPuqeKMwXHkYvqoO2U+QiCcM4vi"
            + "LTVfUqCikbxLctb156YIhB47zfxYEtVDVGoNwrNtmGsnvsKcyeFeCJk49Fi16RcDo1QvYEfx3U03LZtxhcFnrZ9YZjMUmqQHf0R5vMY/HTqAKixdeHZ4BKL3"
            + "yI9qDucFc8fQ4EfhoLlWmQUwhtetsPuDyWO+afJrgXB/fsMIJH6IWKivaFhRYeyqUM8Pe6JC6QyOM7pnuDXeM5qC";

    private const string SecurityKey = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIC1xFkK3JrBEAWJ8qfusMvXIUw+xkDzE2wIlhxeSGkiBAAAAB"
            + "HNzaDo= root@ns1";

    public static TheoryData<string, string, string> Vectors() => new()
    {
        { Ed25519, "SHA256:sf1SGcuXam7d03XZ4r78WlBQe6tFZr+QH/1wz4GyWD4", Ed25519Signature },
        { Nistp256, "SHA256:dWb0Vze6/42KFqN2dGNKkEKdsPBWdAiqedHjgkaM4X0", Nistp256Signature },
        { Nistp384, "SHA256:aCEnghDpqDh12207Hd/sqa9lkgW70vMDe/OvlIQscgw", Nistp384Signature },
        { Rsa, "SHA256:OBb46AdM65h7bdl/4WcgS3uQFO0pYMYG6WnJ2D7S1Dk", RsaSignature },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void What_ssh_keygen_made_is_good(string line, string fingerprint, string signature)
    {
        HostKey.Parse(line).Value!.Fingerprint.Should().Be(fingerprint);
        IsGood(fingerprint, signature).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void No_other_machine_challenge_or_key_has_its_signature(string line, string fingerprint, string signature)
    {
        HostKey.Parse(line + " ").Value.Should().NotBeNull();
        HostKeyProofs.IsGood(Challenge, new("1" + MachineId[1..], fingerprint), Armor(signature)).Should().BeFalse();
        HostKeyProofs.IsGood("B" + Challenge[1..], new(MachineId, fingerprint), Armor(signature)).Should().BeFalse();
        foreach (var other in Vectors().Where(v => (string)v[1] != fingerprint))
            IsGood((string)other[1], signature).Should().BeFalse();
    }

    /// <summary>Every bit of a signature's blob counts, its framing too.</summary>
    [Theory]
    [MemberData(nameof(Vectors))]
    public void No_altered_byte_leaves_it_good(string line, string fingerprint, string signature)
    {
        line.Should().NotBeEmpty();
        byte[] blob = Convert.FromBase64String(signature);
        for (int i = 0; i < blob.Length; i++)
        {
            blob[i] ^= 0x10;
            IsGood(fingerprint, Convert.ToBase64String(blob)).Should().BeFalse("byte {0}", i);
            blob[i] ^= 0x10;
        }
        foreach (int length in (int[])[0, 5, 10, blob.Length / 2, blob.Length - 1]) IsGood(fingerprint, Convert.ToBase64String(blob[..length])).Should().BeFalse();
        IsGood(fingerprint, Convert.ToBase64String([.. blob, 0])).Should().BeFalse();
    }

    [Theory]
    [InlineData("", "is no key")]
    [InlineData("ssh-ed25519", "has no bytes")]
    [InlineData("ssh-ed25519 !!!!", "is no base64")]
    [InlineData("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "is another kind's")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAHwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "is a byte short")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----", "is a private one")]
    public void What_is_no_public_key_is_refused(string line, string because) => HostKey.Parse(line).Error!.Status.Should().Be(400, because);

    [Fact]
    public void Two_lines_are_no_key() => HostKey.Parse($"{Ed25519}\n{Nistp256}").Error!.Status.Should().Be(400);

    [Fact]
    public void A_point_that_is_not_on_the_curve_is_no_key()
    {
        string[] words = Nistp256.Split(' ');
        byte[] blob = Convert.FromBase64String(words[1]);
        blob[^1] ^= 1;
        HostKey.Parse($"{words[0]} {Convert.ToBase64String(blob)}").Error!.Status.Should().Be(400);
    }

    [Fact]
    public void A_key_on_a_security_key_is_refused_with_a_clear_word()
    {
        var error = HostKey.Parse(SecurityKey).Error!;
        (error.Status, error.Code).Should().Be((422, "host_key_not_supported"));
        error.Message.Should().Contain("security key").And.Contain("ssh-ed25519");
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    [InlineData(" \n")]
    public void Line_ends_of_a_signature_are_taken_as_they_come(string end) =>
        HostKeyProofs.IsGood(Challenge, new(MachineId, HostKey.Parse(Ed25519).Value!.Fingerprint), Armor(Ed25519Signature).Replace("\n", end, StringComparison.Ordinal)).Should().BeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN SSH SIGNATURE-----")]
    [InlineData("-----BEGIN SSH SIGNATURE-----\n\n-----END SSH SIGNATURE-----")]
    [InlineData("-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----")]
    [InlineData("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAv////8=\n-----END SSH SIGNATURE-----")]
    public void What_is_no_signature_proves_nothing(string armored) => HostKeyProofs.IsGood(Challenge, new(MachineId, HostKey.Parse(Ed25519).Value!.Fingerprint), armored).Should().BeFalse();

    [Fact]
    public void An_RSA_signature_by_SHA_1_proves_nothing()
    {
        byte[] blob = Convert.FromBase64String(RsaSignature);
        int at = blob.AsSpan().IndexOf("rsa-sha2-512"u8);
        int length = blob.Length - at - 1;
        byte[] sha1 = [.. blob[..(at - 8)], 0, 0, (byte)(length >> 8), (byte)length, 0, 0, 0, 7, .. Encoding.ASCII.GetBytes("ssh-rsa"), .. blob[(at + 12)..]];
        SshSignature.Parse(Armor(Convert.ToBase64String(sha1)))!.Algorithm.Should().Be("ssh-rsa");
        IsGood(HostKey.Parse(Rsa).Value!.Fingerprint, Convert.ToBase64String(sha1)).Should().BeFalse();
    }

    private static bool IsGood(string fingerprint, string signature) => HostKeyProofs.IsGood(Challenge, new(MachineId, fingerprint), Armor(signature));

    private static string Armor(string blob) => $"-----BEGIN SSH SIGNATURE-----\n{string.Join('\n', blob.Chunk(70).Select(c => new string(c)))}\n-----END SSH SIGNATURE-----\n";
}
