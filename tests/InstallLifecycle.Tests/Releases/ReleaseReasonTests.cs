using System.Security.Cryptography;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Releases;

/// <summary>An installer says why it gives the code back (contract section 5b).</summary>
public sealed class ReleaseReasonTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly TestHost host = shared.Host;

    [Theory]
    [InlineData("disk full: /var has 12 MB", "disk full: /var has 12 MB")]
    [InlineData("  not enough room \n", "not enough room")]
    [InlineData("Überlauf – 容量不足 💾", "Überlauf – 容量不足 💾")]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("   ", null)]
    public async Task Its_reason_is_kept_and_told_of(string? said, string? kept)
    {
        var install = await host.ActivatedAsync();
        (await ReleaseAsync(install, said)).ShouldBe(200,
            $$"""{"data":{"activation_id":"{{install.ActivationId}}","status":"released","install_code_restored":true},"meta":{"message":"Activation released"} }""");
        host.Lifecycle.Activations(new("released", null, 1000)).Single(a => a.ActivationId == install.ActivationId).ReleaseReason.Should().Be(kept);
        string detail = host.Storage.Events.Single(e => e.Event == "activation.released" && e.Target == install.ActivationId).Detail!;
        detail.Should().Match(kept is null ? "code * restored" : $"code * restored; reason: {kept}");
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("a\tb")]
    [InlineData("\u001b[31mred")]
    [InlineData("left\u202eright")]
    [InlineData("nothing\u0000")]
    [InlineData("zero\u200bwidth")]
    [InlineData("private \ue000")]
    [InlineData("no character \ufffd")]
    public async Task What_is_not_printable_is_refused_and_nothing_is_released(string reason)
    {
        var install = await host.ActivatedAsync();
        (await ReleaseAsync(install, reason)).ShouldName("reason");
        (await install.ConfirmAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task It_has_200_characters_at_most_whatever_they_take()
    {
        var install = await host.ActivatedAsync();
        (await ReleaseAsync(install, string.Concat(Enumerable.Repeat("💾", 201)))).ShouldName("reason");
        (await ReleaseAsync(install, string.Concat(Enumerable.Repeat("💾", 200)))).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task Reasons_are_counted()
    {
        string often = $"often {RandomNumberGenerator.GetHexString(8)}", once = $"once {RandomNumberGenerator.GetHexString(8)}";
        foreach (string reason in (string[])[often, once, often, often]) await ReleaseAsync(await host.ActivatedAsync(), reason);
        host.Lifecycle.ReleaseReasons()[0].Should().Be(new Listing.ReleaseReason(often, 3));
    }

    [Fact]
    public async Task A_second_release_changes_no_reason()
    {
        var install = await host.ActivatedAsync();
        await ReleaseAsync(install, "first");
        await ReleaseAsync(install, "second");
        host.Lifecycle.Activations(new("released", null, 1000)).Single(a => a.ActivationId == install.ActivationId).ReleaseReason.Should().Be("first");
    }

    private Task<Answer> ReleaseAsync(Install install, string? reason) =>
        host.PostAsync($"{Requests.V2}/install/release", new { activation_id = install.ActivationId, install_token = install.InstallToken, reason });
}
