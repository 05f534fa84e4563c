using System.Text;
using Benchmarks.Bare;
using Benchmarks.Load;
using Benchmarks.Raw;
using Benchmarks.Servers;

namespace Benchmarks.Flows;

/// <summary>The flows, and the requests that each side of them is sent.</summary>
internal sealed class FlowSet(ServerProcess server, Peers peers, int connections)
{
    private const string TokenPath = "/connect/token", IntrospectionPath = "/connect/introspect", RevocationPath = "/connect/revoke";
    private const string ClientCredentialsForm = "grant_type=client_credentials&scope=api", AccessToken = "\"access_token\":\"";
    private const int SignInRuns = 5;
    private const string PasswordForm = $"grant_type=password&username={TokenServerProcess.UserName}&password={TokenServerProcess.Password}&scope=api";
    private const int LiveTokens = 1000;
    private const string DeviceForm = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=";
    private readonly ServerProcess bare = peers.Bare, stock = peers.Stock;

    // Enough to keep every core hashing; more would only wait.
    private readonly int signIns = 4 * Environment.ProcessorCount;

    /// <summary>The flows in their order; made as they are asked for.</summary>
    /// <param name="only">A part of the names of those that are wanted; null for all.</param>
    public IEnumerable<Flow> All(string? only)
    {
        (string Name, Func<Flow> Make)[] all =
        [
            ("client_credentials", ClientCredentials), ("dpop-es256", () => Bound("ES256")), ("dpop-ed25519", () => Bound("Ed25519")),
            ("dpop-ps256", () => Bound("PS256")), ("refresh", Refresh), ("introspection", Introspection), ("revocation", Revocation),
            ("code", Code), ("push", Push), ("device", DevicePolling), ("password", SignIn),
        ];
        return all.Where(flow => only is null || flow.Name.Contains(only, StringComparison.Ordinal)).Select(flow => flow.Make());
    }

    /// <summary>Introspection while more people sign in than the machine can hash for.</summary>
    /// <returns>The introspections, and the sign-ins a second beside them.</returns>
    public (Measurement Introspection, double SignIns) WhileSignInsAreSaturated(int introspecting, TimeSpan length)
    {
        byte[][] requests = Requests(IntrospectionPath, Collect(LiveTokens));
        var people = Cycle(TokenPath, PasswordForm);
        var signingIn = Task.Factory.StartNew(() => LoadGenerator.Run(server.Address, signIns, length * 2, people), TaskCreationOptions.LongRunning);
        Task.Delay(length / 2).Wait();
        long before = people.Sent;
        var introspection = server.Measure(introspecting, length, new RequestCycle(requests, "\"active\":true"));
        double passed = (people.Sent - before) / length.TotalSeconds;
        signingIn.Wait();
        return (introspection, passed);
    }

    private Flow ClientCredentials() => new("client_credentials",
        length => server.Measure(connections, length, Cycle(TokenPath, ClientCredentialsForm)),
        length => bare.Measure(connections, length, Cycle(BareEndpoints.FormOnly, ClientCredentialsForm)),
        length => bare.Measure(connections, length, Cycle(BareEndpoints.ClientCredentials, ClientCredentialsForm)),
        length => stock.Measure(connections, length, Cycle(TokenPath, ClientCredentialsForm)),
        RawRates.Signatures);

    // As many proofs as are used at 15,000 requests a second. What stands beside it as the least is the same server's flow without a proof.
    private Flow Bound(string algorithm) => new($"client_credentials with a DPoP proof by {algorithm} (least: without one)",
        length => server.Measure(connections, length, new BoundRequests(algorithm, (int)(length.TotalSeconds * 15_000))),
        length => bare.Measure(connections, length, Cycle(BareEndpoints.FormOnly, ClientCredentialsForm)),
        length => server.Measure(connections, length, Cycle(TokenPath, ClientCredentialsForm)),
        null,
        RawRates.Signatures);

    private Flow Refresh()
    {
        string[] bareSeeds = [.. Enumerable.Range(1, connections).Select(i => DurableTokens.Text(i))];
        var (chains, bareChains, stockChains) = (Chains(server), new RefreshChains(BareEndpoints.Refresh, bareSeeds), Chains(stock));
        return new("refresh_token",
            length => server.Measure(connections, length, chains),
            length => bare.Measure(connections, length, Cycle(BareEndpoints.FormOnly, "grant_type=refresh_token&refresh_token=" + bareSeeds[0])),
            length => bare.Measure(connections, length, bareChains),
            length => stock.Measure(connections, length, stockChains),
            RawRates.Signatures);
    }

    private RefreshChains Chains(ServerProcess issuer)
    {
        var seeds = new TokenCollector(FormRequest.Create(TokenPath, PasswordForm + "+offline_access"), "refresh_token", connections);
        while (seeds.Tokens.Count() < connections) LoadGenerator.Run(issuer.Address, connections, TimeSpan.FromMilliseconds(1), seeds);
        return new(TokenPath, [.. seeds.Tokens.Take(connections)]);
    }

    // Signed in, nothing to be asked: a code by the browser's redirect, then its tokens with an id token by RS256. Two requests each.
    private Flow Code()
    {
        string[] cookies = [.. Enumerable.Range(0, connections).Select(_ => BrowserSignIn.Cookie(server.Address))];
        return new("authorization code (a flow is two requests)",
            length => server.Measure(connections, length, new CodeChains(cookies)),
            length => bare.Measure(connections, length, Cycle(BareEndpoints.FormOnly, CodeChains.Form("ac_" + new string('x', 43)))),
            null,
            null,
            RawRates.Signatures);
    }

    private Flow Push() => new("pushed authorization request",
        length => server.Measure(connections, length,
            new RequestCycle([FormRequest.Create("/connect/par", CodeChains.Request, TokenServerProcess.CodeClientId)], "\"request_uri\":\"")),
        length => bare.Measure(connections, length, Cycle(BareEndpoints.FormOnly, CodeChains.Request)),
        null,
        null,
        RawRates.Signatures);

    private Flow Introspection()
    {
        string[] tokens = Collect(LiveTokens);
        foreach (byte[] request in Requests(BareEndpoints.Know, tokens)) bare.Ask(request);
        return new("introspection",
            length => server.Measure(connections, length, new RequestCycle(Requests(IntrospectionPath, tokens), "\"active\":true")),
            length => bare.Measure(connections, length, new RequestCycle(Requests(BareEndpoints.FormOnly, tokens), AccessToken)),
            length => bare.Measure(connections, length, new RequestCycle(Requests(BareEndpoints.Introspect, tokens), "\"active\":true")),
            null,
            RawRates.Signatures);
    }

    private Flow Revocation()
    {
        string[] tokens = Collect(LiveTokens);
        return new("revocation", RevokeEachOnce,
            length => bare.Measure(connections, length, new RequestCycle(Requests(BareEndpoints.FormOnly, tokens), AccessToken)),
            length => bare.Measure(connections, length, new RequestCycle(Requests(BareEndpoints.Revoke, tokens), "")),
            null,
            RawRates.Signatures);
    }

    // Each device that waits in turn, far faster than any may poll: whichever error it is, it costs the same.
    private Flow DevicePolling()
    {
        var waiting = new TokenCollector(FormRequest.Create("/connect/device", "scope=api"), "device_code", 1);
        while (waiting.Tokens.Count() < LiveTokens) LoadGenerator.Run(server.Address, 1, TimeSpan.FromMilliseconds(100), waiting);
        string[] polls = [.. waiting.Tokens.Take(LiveTokens).Select(code => DeviceForm + code)];
        return new("device polling",
            length => server.Measure(connections, length, new RequestCycle([.. polls.Select(p => FormRequest.Create(TokenPath, p))], "\"error\":\"")),
            length => bare.Measure(connections, length, new RequestCycle([.. polls.Select(p => FormRequest.Create(BareEndpoints.FormOnly, p))], AccessToken)),
            null,
            null,
            RawRates.Signatures);
    }

    // A sign-in takes a tenth of a second, so a run of the usual length would have too few of them.
    private Flow SignIn() => new("password",
        length => server.Measure(signIns, SignInRuns * length, Cycle(TokenPath, PasswordForm)),
        length => bare.Measure(signIns, length, Cycle(BareEndpoints.FormOnly, PasswordForm)),
        null,
        null,
        length => RawRates.PasswordHashes(SignInRuns * length));

    // As many tokens as can be issued in the time in which they are then revoked.
    private Measurement RevokeEachOnce(TimeSpan length)
    {
        var issued = new TokenCollector(FormRequest.Create(TokenPath, ClientCredentialsForm), "access_token", connections);
        LoadGenerator.Run(server.Address, connections, length, issued);
        string[] tokens = [.. issued.Tokens];
        var measured = server.Measure(connections, length, new RequestsOnce(Requests(RevocationPath, tokens)));
        string answer = Encoding.ASCII.GetString(server.Ask(FormRequest.Create(IntrospectionPath, "token=" + tokens[0])));
        return answer == """{"active":false}""" ? measured : throw new InvalidDataException("a revoked token is still active: " + answer);
    }

    private string[] Collect(int count)
    {
        var issued = new TokenCollector(FormRequest.Create(TokenPath, ClientCredentialsForm), "access_token", 1);
        while (issued.Tokens.Count() < count) LoadGenerator.Run(server.Address, 1, TimeSpan.FromMilliseconds(100), issued);
        return [.. issued.Tokens.Take(count)];
    }

    private static byte[][] Requests(string path, IEnumerable<string> tokens) => [.. tokens.Select(token => FormRequest.Create(path, "token=" + token))];

    private static RequestCycle Cycle(string path, string form) => new([FormRequest.Create(path, form)], AccessToken);
}

/// <summary>The servers that stand beside the real one.</summary>
/// <param name="Bare">Kestrel with endpoints that do nothing, or the least that a flow needs.</param>
/// <param name="Stock">OpenIddict as its documentation has it.</param>
internal sealed record Peers(ServerProcess Bare, ServerProcess Stock);
