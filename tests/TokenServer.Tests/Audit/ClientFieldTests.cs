using TokenServer.Tests.Admin;

namespace TokenServer.Tests.Audit;

/// <summary>One field of an audit entry says which client it is about: what was done to it, and what was done with it.</summary>
public sealed class ClientFieldTests
{
    [Theory]
    [InlineData("POST /clients/web/revoke", "web")]
    [InlineData("POST /clients/web/secret", "web")]
    [InlineData("DELETE /clients/web", "web")]
    [InlineData("POST /users/USER/disable", AdminServer.Robot)]
    [InlineData("DELETE /users/USER", AdminServer.Robot)]
    [InlineData("POST /keys/rotate", AdminServer.Robot)]
    public async Task It_is_the_one_that_was_changed_else_the_one_that_changed_something(string call, string client)
    {
        await using var admin = await AdminServer.StartAsync();
        int status = (await admin.CallAsync(call.Replace("USER", $"{admin.IdOf("bob")}", StringComparison.Ordinal))).Status;
        status.Should().BeInRange(200, 204);
        var entry = await admin.LastEntryAsync();
        (entry.GetProperty("actor").GetString(), entry.GetProperty("client_id").GetString()).Should().Be((AdminServer.Robot, client));
    }
}
