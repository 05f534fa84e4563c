using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Transfers;

/// <summary>What a server on PostgreSQL knows after <c>TokenServer transfer</c>: everything.</summary>
public sealed class TransferTests(TransferTests.Transferred moved) : IClassFixture<TransferTests.Transferred>
{
    [TransferFact]
    public async Task A_refresh_token_rotates_and_a_lost_answer_is_given_again()
    {
        (await moved.Server.RefreshAsync(moved.Kept["refresh_token"]!)).Status.Should().Be(200);
        var again = await moved.Server.RefreshAsync(moved.Used["refresh_token"]!);
        again["refresh_token"].Should().Be(moved.Next["refresh_token"], "it was redeemed a moment ago, on the other database");
        (await moved.Server.RefreshAsync(again["refresh_token"]!)).Status.Should().Be(200);
    }

    [TransferFact]
    public async Task Tokens_that_were_good_are_good()
    {
        foreach (string token in (string[])[moved.Kept["access_token"]!, moved.Used["access_token"]!, moved.Worker, moved.Opaque]) (await moved.Server.IsActiveAsync(token)).Should().BeTrue();
        (await moved.Server.UserInfoAsync(moved.Kept["access_token"]!)).Status.Should().Be(200);
    }

    [TransferFact]
    public async Task Tokens_that_were_revoked_are_revoked()
    {
        (await moved.Server.IsActiveAsync(moved.RevokedWorker)).Should().BeFalse();
        (await moved.Server.IsActiveAsync(moved.Ended["access_token"]!)).Should().BeFalse();
        (await moved.Server.RefreshAsync(moved.Ended["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }

    [TransferFact]
    public async Task Users_sign_in_with_password_and_second_factor()
    {
        (await moved.Server.SignInAsync(user: "bob")).Status.Should().Be(200);
        foreach (string code in (string[])[moved.Server.TotpCode(), moved.RecoveryCode])
        {
            var due = await moved.Server.SignInAsync(user: "john");
            due["error"].Should().Be("mfa_required");
            (await moved.Server.SecondFactorAsync(due["temp_token"]!, code)).Status.Should().Be(200);
        }
    }

    [TransferFact]
    public async Task Keys_tunnels_and_installs_go_on()
    {
        (await moved.Server.CallAsync("GET", "/auth/me", moved.ApiKey)).Status.Should().Be(200);
        (await moved.Server.IsActiveAsync(moved.TunnelToken, "relay")).Should().BeTrue();
        moved.Confirmed.Http = moved.Prechecked.Http = moved.Revoked.Http = moved.Server.Http;
        (await moved.Confirmed.DoAsync(Installation.CheckIn)).Status.Should().Be(200);
        (await moved.Revoked.DoAsync(Installation.CheckIn)).ShouldRefuseFlat(401, "server_revoked");
        foreach (string step in (string[])[Installation.Activate, Installation.Register, Installation.Confirm]) (await moved.Prechecked.DoAsync(step)).Status.Should().BeInRange(200, 201, step);
    }

    [TransferFact]
    public async Task The_audit_trail_is_whole_and_tells_of_the_transfer()
    {
        moved.Server.Get<AuditVerification>().Verify().Problem.Should().BeNull();
        moved.Server.AuditedEvents().Should().StartWith(moved.Events).And.Contain("database.transferred");
        var verified = await moved.Transfer.RunOnTargetAsync("audit", "verify");
        verified.Code.Should().Be(0, verified.Output);
    }

    [TransferFact]
    public async Task An_id_that_was_given_out_is_not_given_out_again()
    {
        string jane = (await moved.Server.SignInAsync())["access_token"]!;
        (await moved.Server.AddTunnelAsync(jane, "another")).Id.Should().Be(moved.DeletedTunnel + 1);
        int newest = moved.Server.Get<Database>().Read(s => s.All("""SELECT max("Id") FROM "AspNetUsers" """, r => r.GetInt32(0)))[0];
        (await moved.Server.Get<UserAccounts>().AddAsync(new NewAccount { UserName = "zoe", Email = "zoe@example.com", Password = TestImport.Password }, "test")).Should().BeNull();
        moved.Server.Get<UserAccounts>().FindByLogin("zoe")!.Id.Should().Be(newest + 1);
    }

    [TransferFact]
    public async Task The_keys_are_under_the_master_key()
    {
        string stored = await moved.Transfer.AskAsync("""SELECT string_agg("Xml", '') FROM "DataProtectionKeys" """);
        stored.Should().StartWith("<sealed>").And.NotContain("<value>").And.NotContain("requiresEncryption");
        string dump = await moved.Transfer.Target.DumpAsync();
        foreach (string file in Directory.GetFiles(Path.Combine(moved.Transfer.Source.Path, "keys"), "key-*.xml"))
            dump.Should().NotContain((await File.ReadAllTextAsync(file)).Split("<value>")[1].Split("</value>")[0]);
    }

    /// <summary>One transfer for all of these tests.</summary>
    public sealed class Transferred : IAsyncLifetime
    {
        internal Transferring Transfer { get; private set; } = null!;
        internal TestServer Server { get; private set; } = null!;
        internal Answer Kept { get; private set; } = null!;
        internal Answer Used { get; private set; } = null!;
        internal Answer Next { get; private set; } = null!;
        internal Answer Ended { get; private set; } = null!;
        internal Installation Confirmed { get; private set; } = null!;
        internal Installation Prechecked { get; private set; } = null!;
        internal Installation Revoked { get; private set; } = null!;
        internal IReadOnlyList<string> Events { get; private set; } = [];
        internal string Worker { get; private set; } = "";
        internal string RevokedWorker { get; private set; } = "";
        internal string Opaque { get; private set; } = "";
        internal string RecoveryCode { get; private set; } = "";
        internal string ApiKey { get; private set; } = "";
        internal string TunnelToken { get; private set; } = "";
        internal long DeletedTunnel { get; private set; }

        public async Task InitializeAsync()
        {
            if (Transferring.Skip is not null) return;
            Transfer = await Transferring.CreateAsync();
            var source = await Transfer.StartSourceAsync();
            await SignInAsync(source);
            await InstallAsync(source);
            (await source.Get<AuditKeeping>().SealAsync()).Should().BeTrue();
            await source.SignInAsync(password: "wrong");
            Events = source.AuditedEvents();
            await source.StopAsync();
            var (code, output) = await Transfer.RunAsync();
            code.Should().Be(0, output);
            Server = await Transfer.StartTargetAsync();
        }

        public async Task DisposeAsync()
        {
            if (Transfer is not null) await Transfer.DisposeAsync();
        }

        private async Task SignInAsync(TestServer source)
        {
            await source.AddRelayAsync();
            (Kept, Used, Ended) = (await source.SignInAsync(), await source.SignInAsync(user: "bob"), await source.SignInAsync(user: "bob"));
            Next = await source.RefreshAsync(Used["refresh_token"]!);
            await source.PostAsync("/connect/revoke", "web", ("token", Ended["refresh_token"]!));
            (Worker, RevokedWorker, Opaque) = (await source.WorkerTokenAsync(), await source.WorkerTokenAsync(), await source.WorkerTokenAsync("opaque"));
            await source.PostAsync("/connect/revoke", "worker", ("token", RevokedWorker));
            int john = source.Get<UserAccounts>().FindByLogin("john")!.Id;
            RecoveryCode = (await source.Get<Database>().WriteAsync(s => RecoveryCodes.Replace(s, john)))[3];
            string session = Kept["access_token"]!;
            ApiKey = (await source.AddKeyAsync(session)).Key;
            TunnelToken = (await source.AddTunnelAsync(session)).Token;
            DeletedTunnel = (await source.AddTunnelAsync(session, "gone")).Id;
            (await source.CallAsync("DELETE", $"/api/tunnels/{DeletedTunnel}", session)).Status.Should().BeInRange(200, 204);
        }

        private async Task InstallAsync(TestServer source)
        {
            await source.AddInstallClientsAsync();
            Confirmed = await new Installation(source).UpToAsync(Installation.Confirm);
            Revoked = await new Installation(source).UpToAsync(Installation.Confirm);
            (await Revoked.DoAsync(Installation.Revoke)).Status.Should().Be(200);
            Prechecked = await new Installation(source).UpToAsync(Installation.Precheck);
        }
    }
}
