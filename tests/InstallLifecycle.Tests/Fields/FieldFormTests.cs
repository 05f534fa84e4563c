using InstallLifecycle.Activations;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Fields;

/// <summary>The forms of the fields and how they are brought to one (contract section 5, "Fields").</summary>
public sealed class FieldFormTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Id = "0123456789abcdef0123456789abcdef", Label63 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private readonly TestHost host = shared.Host;

    [Theory]
    [InlineData(Id)]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData(" \t0123456789Abcdef0123456789abcdef\r\n")]
    public void A_machine_id_is_taken_with_white_space_and_in_any_case(string text) => Read(Body() with { MachineId = text }).MachineId.Should().Be(Id);

    [Theory]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData(" 00000000000000000000000000000000\n")]
    [InlineData("0123456789abcdef0123456789abcdef0")]
    [InlineData("0123456789abcdef 123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    [InlineData("01234567-89ab-cdef-0123-456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcde\u0661")]
    [InlineData("   ")]
    public void What_is_no_machine_id_is_named(string text) => Problem(Body() with { MachineId = text }).Should().Contain("'machine_id'");

    [Theory]
    [InlineData("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true)]
    [InlineData("SHA256:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM+/09", true)]
    [InlineData("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false)]
    [InlineData("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-", false)]
    [InlineData("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", false)]
    [InlineData(" SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("MD5:aa:bb:cc", false)]
    public void An_SSH_fingerprint_is_SHA256_and_43_characters_as_they_are(string text, bool isRight)
    {
        if (isRight) Read(Body() with { SshFingerprint = text }).SshFingerprint.Should().Be(text);
        else Problem(Body() with { SshFingerprint = text }).Should().Contain("'ssh_fingerprint'");
    }

    [Theory]
    [InlineData("ns1.example.com", "ns1.example.com")]
    [InlineData("NS1.Example.COM", "ns1.example.com")]
    [InlineData("a.b", "a.b")]
    [InlineData("1.2.example", "1.2.example")]
    [InlineData("a-b--c.xn--p1ai", "a-b--c.xn--p1ai")]
    [InlineData("9a.4com", "9a.4com")]
    [InlineData("ns1.example.com.", "ns1.example.com")]
    [InlineData("NS1.EXAMPLE.COM.", "ns1.example.com")]
    [InlineData("XN--BCHER-KVA.example.", "xn--bcher-kva.example")]
    [InlineData(Label63 + ".example.", Label63 + ".example")]
    [InlineData(Label63 + ".example", Label63 + ".example")]
    [InlineData(Label63 + "." + Label63 + "." + Label63 + ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Label63 + "." + Label63 + "." + Label63 + ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_hostname_is_a_DNS_name_in_lower_case(string text, string canonical) => Read(Body() with { Hostname = text }).Hostname.Should().Be(canonical);

    [Theory]
    [InlineData("localhost")]
    [InlineData("a" + Label63 + ".example")]
    [InlineData(Label63 + "." + Label63 + "." + Label63 + ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("a_b.example.com")]
    [InlineData("-a.example.com")]
    [InlineData("a-.example.com")]
    [InlineData("a.-example.com")]
    [InlineData("a.example.com-")]
    [InlineData("a..example.com")]
    [InlineData(".example.com")]
    [InlineData("a.example.com..")]
    [InlineData("localhost.")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.4")]
    [InlineData("example.123")]
    [InlineData("2001:db8::1")]
    [InlineData("[2001:db8::1]")]
    [InlineData("a.example.com:53")]
    [InlineData("http://a.example.com")]
    [InlineData("*.example.com")]
    [InlineData("a b.example.com")]
    [InlineData(" a.example.com")]
    [InlineData("a.example.com\n")]
    [InlineData("bücher.example")]
    [InlineData("a.example.\u212Aom")]
    [InlineData("\uFF41.example.com")]
    [InlineData("a.example.com;reboot")]
    public void What_is_no_DNS_name_of_two_labels_is_named(string text) => Problem(Body() with { Hostname = text }).Should().Contain("'hostname'");

    [Theory]
    [InlineData("1.2.3.4", "1.2.3.4")]
    [InlineData("223.255.255.255", "223.255.255.255")]
    [InlineData("100.63.255.255", "100.63.255.255")]
    [InlineData("100.128.0.0", "100.128.0.0")]
    [InlineData("172.15.255.255", "172.15.255.255")]
    [InlineData("172.32.0.0", "172.32.0.0")]
    [InlineData("169.253.255.255", "169.253.255.255")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1")]
    [InlineData("2a00::", "2a00::")]
    [InlineData("::ffff:1.2.3.4", "1.2.3.4")]
    [InlineData("::FFFF:102:304", "1.2.3.4")]
    [InlineData("0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4")]
    public void A_public_address_is_brought_to_its_one_form(string text, string canonical) => Read(Body() with { PublicIp = text }).PublicIp.Should().Be(canonical);

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.0")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("192.0.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("ff02::1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("2001::1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("100::1")]
    [InlineData("::10.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:7f00:1")]
    public void An_address_that_is_not_public_is_named(string text) => Problem(Body() with { PublicIp = text }).Should().Contain("'public_ip'");

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("1")]
    [InlineData("16909060")]
    [InlineData("0x1.2.3.4")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.04")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.4 ")]
    [InlineData("1.2.3.4/32")]
    [InlineData("1.2.3.4:80")]
    [InlineData("[2001:db8::1]")]
    [InlineData("2001:db8::1%eth0")]
    [InlineData("2001:db8::1::2")]
    [InlineData("2001:db8::12345")]
    [InlineData("2001:db8::1/64")]
    [InlineData("ns1.example.com")]
    [InlineData("١.٢.٣.٤")]
    public void What_is_no_address_is_named(string text) => Problem(Body() with { PublicIp = text }).Should().Contain("'public_ip'");

    [Theory]
    [InlineData("main")]
    [InlineData("HEAD")]
    [InlineData("v1.2.3")]
    [InlineData("refs/heads/feature/x-1")]
    [InlineData("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")]
    [InlineData("release_2026.03")]
    [InlineData("a@b")]
    [InlineData("größer")]
    public void A_git_ref_passes(string text) => Problem(Body() with { RequestedRef = text }).Should().BeNull();

    [Theory]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a~1")]
    [InlineData("a^")]
    [InlineData("a:b")]
    [InlineData("a?")]
    [InlineData("a*")]
    [InlineData("a[0]")]
    [InlineData("a\\b")]
    [InlineData("@")]
    [InlineData("a@{1}")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("a.")]
    [InlineData(".a")]
    [InlineData("a/.b")]
    [InlineData("a.lock")]
    [InlineData("a.lock/b")]
    [InlineData("-a")]
    [InlineData("--upload-pack=x")]
    [InlineData("a\n")]
    [InlineData("a\u007f")]
    public void What_is_no_git_ref_is_named(string text) => Problem(Body() with { RequestedRef = text }).Should().Contain("'requested_ref'");

    [Theory]
    [InlineData("\u202e")]
    [InlineData("\u200b")]
    [InlineData("\u2066")]
    [InlineData("\u00ad")]
    [InlineData("\ue000")]
    [InlineData("\u2028")]
    [InlineData("\u0085")]
    public void What_cannot_be_seen_is_refused_where_it_would_be_shown(string sign)
    {
        Problem(Body() with { RequestedRef = $"ma{sign}in" }).Should().Be("The field 'requested_ref' must not hold control, invisible or bidirectional characters.");
        Problem(Body() with { InstallerVersion = $"1{sign}.0" }).Should().Be("The field 'installer_version' must not hold control, invisible or bidirectional characters.");
    }

    [Fact]
    public void What_is_wrong_is_said()
    {
        Problem(Body() with { PrecheckToken = "to\0ken" }).Should().Be("The field 'precheck_token' must not hold NUL characters.");
        Problem(Body() with { PrecheckToken = new('x', 4097) }).Should().Be("The field 'precheck_token' must not be longer than 4096 characters.");
        Problem(Body() with { SshSignature = "armor\0" }).Should().Be("The field 'ssh_signature' must not hold NUL characters.");
        Problem(Body() with { InstallerVersion = new('1', 33) }).Should().Be("The field 'installer_version' must be at most 32 characters.");
        Problem(Body() with { RequestedRef = "a..b" }).Should().Be("The field 'requested_ref' must be a git ref.");
    }

    [Fact]
    public async Task The_canonical_forms_are_what_is_answered_and_kept()
    {
        var machine = TestMachine.Any();
        var install = await host.PrecheckedAsync(new TestMachine($"{machine.MachineId.ToUpperInvariant()}\n", machine.SshFingerprint, "NS1.Example.COM", "::ffff:1.2.3.4"));
        (await install.PrecheckAsync()).Data.GetProperty("machine_binding").Text("machine_id").Should().Be(machine.MachineId);
        var bound = (await install.ActivateAsync()).Data.GetProperty("machine_binding");
        (bound.Text("machine_id"), bound.Text("hostname"), bound.Text("public_ip")).Should().Be((machine.MachineId, "ns1.example.com", "1.2.3.4"));
        host.Storage.Read(db => db.Activations.Count(a => a.MachineId == machine.MachineId && a.Hostname == "ns1.example.com" && a.PublicIp == "1.2.3.4")).Should().Be(1);
        (await new Install(host, install.Code, machine).PrecheckAsync()).Outcome.Should().Be("200", "it is the same machine");
    }

    private static ActivateBody Body() => new("IPT-SD-000000-000000-000000", "token", "ns1.example.com", "1.2.3.4", Id, "SHA256:" + new string('A', 43), "main", "1");

    private static MachineBinding Read(ActivateBody body) => ActivateRequest.Of(body).Value!.Binding;

    private static string? Problem(ActivateBody body) => ActivateRequest.Of(body).Error?.Message;
}
