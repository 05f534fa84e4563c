using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Abstractions.OpenIddictExceptions;

namespace TokenServer.Tests.Interop;

/// <summary>
/// OpenIddict's managers over our stores: what they change, the server honours, and what another changed first, they do not overwrite.
/// </summary>
public sealed class ManagerTests : IAsyncLifetime
{
    private TestServer server = null!;

    public async Task InitializeAsync() => server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    private IOpenIddictApplicationManager Clients => server.Get<IOpenIddictApplicationManager>();
    private IOpenIddictAuthorizationManager Sessions => server.Get<IOpenIddictAuthorizationManager>();
    private IOpenIddictTokenManager Tokens => server.Get<IOpenIddictTokenManager>();

    [Fact]
    public void All_of_them_are_singletons()
    {
        using var scope = server.Get<IServiceScopeFactory>().CreateScope();
        Type[] managers = [typeof(IOpenIddictApplicationManager), typeof(IOpenIddictAuthorizationManager),
            typeof(IOpenIddictScopeManager), typeof(IOpenIddictTokenManager)];
        foreach (var manager in managers)
            scope.ServiceProvider.GetRequiredService(manager).Should().BeSameAs(server.Get<IServiceProvider>().GetRequiredService(manager));
    }

    [Fact]
    public async Task A_client_that_is_created_authenticates_with_its_secret()
    {
        await Clients.CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = "made", ClientSecret = "its secret", ClientType = ClientTypes.Confidential,
            Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials, Permissions.Prefixes.Scope + "api" },
        });
        (await TokenAsync("made", "its secret")).Should().Be(200);
        (await TokenAsync("made", "another")).Should().Be(401);
        var client = (await Clients.FindByClientIdAsync("made"))!;
        (await Clients.ValidateClientSecretAsync(client, "its secret")).Should().BeTrue();
        (await Clients.ValidateClientSecretAsync(client, "another")).Should().BeFalse();
    }

    [Fact]
    public async Task A_secret_that_OpenIddict_hashed_verifies()
    {
        object made = await Clients.CreateAsync(new OpenIddictApplicationDescriptor { ClientId = "stored", ClientSecret = "x",
            ClientType = ClientTypes.Confidential });
        await server.Get<Database>().WriteAsync(s => s.Execute(
            """UPDATE "OpenIddictApplications" SET "ClientSecret"=@p0 WHERE "ClientId"='stored'""", HashAsOpenIddict("secret of then")));
        server.Get<ClientRegistry>().Reload();
        made = (await Clients.FindByClientIdAsync("stored"))!;
        (await Clients.ValidateClientSecretAsync(made, "secret of then")).Should().BeTrue();
        (await Clients.ValidateClientSecretAsync(made, "x")).Should().BeFalse();
    }

    [Fact]
    public async Task What_is_changed_first_is_not_overwritten()
    {
        object mine = (await Clients.FindByClientIdAsync("worker"))!, others = (await Clients.FindByClientIdAsync("worker"))!;
        await RenameAsync(others, "Theirs");
        await this.Invoking(t => t.RenameAsync(mine, "Mine")).Should().ThrowAsync<ConcurrencyException>();
        (await Clients.GetDisplayNameAsync((await Clients.FindByClientIdAsync("worker"))!)).Should().Be("Theirs");
    }

    [Fact]
    public async Task A_client_that_was_found_is_the_callers_own_copy()
    {
        object found = (await Clients.FindByClientIdAsync("worker"))!;
        var descriptor = new OpenIddictApplicationDescriptor();
        await Clients.PopulateAsync(descriptor, found);
        descriptor.DisplayName = "never saved";
        await Clients.PopulateAsync(found, descriptor);
        (await Clients.GetDisplayNameAsync((await Clients.FindByClientIdAsync("worker"))!)).Should().NotBe("never saved");
    }

    [Fact]
    public async Task A_deleted_client_is_refused()
    {
        await Clients.DeleteAsync((await Clients.FindByClientIdAsync("worker"))!);
        (await TokenAsync("worker", TestImport.Secret)).Should().Be(401);
    }

    [Fact]
    public async Task A_revoked_authorization_ends_the_session()
    {
        var answer = await server.SignInAsync();
        string access = answer["access_token"]!, refresh = answer["refresh_token"]!;
        (await server.IsActiveAsync(access)).Should().BeTrue();
        object session = await Sessions.FindBySubjectAsync("1").SingleAsync();
        (await Sessions.TryRevokeAsync(session)).Should().BeTrue();
        (await server.IsActiveAsync(access)).Should().BeFalse();
        (await server.RefreshAsync(refresh))["error"].Should().Be("invalid_grant");
        server.AuditedEvents().Should().EndWith(["session.ended", "grant.refused"]);
    }

    [Fact]
    public async Task A_token_is_found_by_its_reference_and_redeemed_once()
    {
        await Tokens.CreateAsync(new OpenIddictTokenDescriptor
        {
            ReferenceId = "the reference", Subject = "1", Status = Statuses.Valid, Type = TokenTypeIdentifiers.Private.DeviceCode,
            CreationDate = server.Clock.GetUtcNow(), ExpirationDate = server.Clock.GetUtcNow().AddMinutes(5),
        });
        object mine = (await Tokens.FindByReferenceIdAsync("the reference"))!,
            others = (await Tokens.FindByReferenceIdAsync("the reference"))!;
        (await Tokens.TryRedeemAsync(others)).Should().BeTrue();
        (await Tokens.TryRedeemAsync(mine)).Should().BeFalse();
        (await Tokens.FindByReferenceIdAsync("another reference")).Should().BeNull();
        (await Tokens.HasStatusAsync((await Tokens.FindByIdAsync((await Tokens.GetIdAsync(mine))!))!, Statuses.Redeemed)).Should().BeTrue();
    }

    [Fact]
    public async Task Expired_entries_are_pruned()
    {
        await Tokens.CreateAsync(new OpenIddictTokenDescriptor
        {
            ReferenceId = "old", Status = Statuses.Valid, Type = TokenTypeIdentifiers.Private.UserCode,
            CreationDate = server.Clock.GetUtcNow(), ExpirationDate = server.Clock.GetUtcNow().AddMinutes(5),
        });
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        (await Tokens.PruneAsync(server.Clock.GetUtcNow())).Should().Be(1);
        (await Tokens.FindByReferenceIdAsync("old")).Should().BeNull();
    }

    private async Task RenameAsync(object client, string name)
    {
        var descriptor = new OpenIddictApplicationDescriptor();
        await Clients.PopulateAsync(descriptor, client);
        descriptor.DisplayName = name;
        await Clients.UpdateAsync(client, descriptor);
    }

    private async Task<int> TokenAsync(string client, string secret)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = client, ["client_secret"] = secret,
        });
        using var answer = await server.Http.PostAsync("/connect/token", form);
        return (int)answer.StatusCode;
    }

    // Marker, PRF, rounds, size of the salt, salt, key.
    private static string HashAsOpenIddict(string secret)
    {
        const int Rounds = 10_000;
        byte[] salt = RandomNumberGenerator.GetBytes(16), hash = new byte[13 + 16 + 32];
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), 1);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), Rounds);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), 16);
        salt.CopyTo(hash, 13);
        Rfc2898DeriveBytes.Pbkdf2(secret, salt, hash.AsSpan(29), Rounds, HashAlgorithmName.SHA256);
        return Convert.ToBase64String(hash);
    }
}
