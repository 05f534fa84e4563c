using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenServer.Tests.Support;

/// <summary>One install on a machine of its own. It remembers what it was answered, so that each step can be done, and done again, on its own.</summary>
internal sealed class Installation
{
    public const string Issue = "issue", Precheck = "precheck", Activate = "activate", Register = "register", Confirm = "confirm", CheckIn = "checkin", Release = "release", Revoke = "revoke";

    /// <summary>The steps of an install that goes well, in their order.</summary>
    public static readonly string[] Steps = [Issue, Precheck, Activate, Register, Confirm];

    private static int machines;
    private string? browser;

    /// <param name="server">The server.</param>
    /// <param name="headers">Headers of every request.</param>
    public Installation(TestServer server, params (string Name, string Value)[] headers) : this(server.Http, headers)
    {
    }

    /// <param name="http">The way to the server.</param>
    /// <param name="headers">Headers of every request.</param>
    public Installation(HttpClient http, params (string Name, string Value)[] headers)
    {
        (Http, Headers) = (http, headers);
        int number = Interlocked.Increment(ref machines);
        byte[] hash = SHA256.HashData(BitConverter.GetBytes(number));
        (MachineId, SshFingerprint) = (Convert.ToHexStringLower(hash[..16]), "SHA256:" + Convert.ToBase64String(hash).TrimEnd('='));
        (Hostname, PublicIp) = ($"ns{number}.example.com", $"203.0.113.{number % 250 + 1}");
    }

    /// <summary>The way to the server; after a restart another.</summary>
    public HttpClient Http { get; set; }
    public (string Name, string Value)[] Headers { get; set; }

    /// <summary>The cookie of the operator's browser.</summary>
    public string Cookie => browser!;
    public string MachineId { get; set; }
    public string SshFingerprint { get; }
    public string Hostname { get; set; }
    public string PublicIp { get; }
    public string Code { get; set; } = "";
    public string PrecheckToken { get; set; } = "";
    public string ActivationId { get; private set; } = "";
    public string InstallToken { get; set; } = "";
    public string ServerId { get; private set; } = "";
    public string ServerToken { get; set; } = "";

    /// <summary>The receipt of the confirmation.</summary>
    public string Receipt { get; private set; } = "";

    /// <summary>The key for the next check-in; empty unless <see cref="HasRatchet"/>.</summary>
    public string CheckinKey { get; set; } = "";

    /// <summary>Whether it asks for a ratchet when it registers.</summary>
    public bool HasRatchet { get; init; }

    /// <summary>The fields of an activation, for the API and for the grant.</summary>
    public Dictionary<string, string> ActivationFields => new()
    {
        ["install_code"] = Code, ["precheck_token"] = PrecheckToken, ["hostname"] = Hostname, ["public_ip"] = PublicIp,
        ["machine_id"] = MachineId, ["ssh_fingerprint"] = SshFingerprint, ["requested_ref"] = "main", ["installer_version"] = "2026.03.30",
    };

    /// <summary>Every secret that it has been told.</summary>
    public IEnumerable<(string What, string Secret)> Secrets =>
        [("browser cookie", browser!.Split('=', 2)[1]), ("install code", Code), ("precheck token", PrecheckToken), ("install token", InstallToken), ("server token", ServerToken)];

    /// <summary>Opens the page in the operator's browser; a new one, unless it has done so before.</summary>
    public async Task<Installation> OpenPageAsync()
    {
        browser ??= await Http.OpenPageAsync(Headers);
        return this;
    }

    /// <summary>Does the steps up to <paramref name="last"/>, all of which must succeed.</summary>
    public async Task<Installation> UpToAsync(string last)
    {
        foreach (string step in Steps.TakeWhile(s => s != last).Append(last)) (await DoAsync(step)).Status.Should().BeInRange(200, 201, step);
        return this;
    }

    /// <summary>Does one step with what is known.</summary>
    public async Task<Answer> DoAsync(string step)
    {
        if (step == Issue) await OpenPageAsync();
        var answer = await SendAsync(step);
        if (answer.Status is 200 or 201) Learn(answer.Json.TryGetProperty("data", out var data) ? data : answer.Json);
        return answer;
    }

    /// <summary>Goes on with what the token endpoint answered.</summary>
    public void Take(Answer granted) => (ActivationId, InstallToken) = (granted["activation_id"]!, granted["access_token"]!);

    private Task<Answer> SendAsync(string step) => step switch
    {
        Issue => Http.CallAsync("POST", InstallRequests.Api + "/code/issue", null, null, [.. Headers, ("Cookie", browser!)]),
        Precheck => PostAsync(new { install_code = Code, machine_id = MachineId, ssh_fingerprint = SshFingerprint, product = "slowdns", installer_version = "2026.03.31" }, step),
        Activate => PostAsync(ActivationFields, step),
        Confirm or Release => PostAsync(new { activation_id = ActivationId, install_token = InstallToken }, step),
        Register => Http.CallAsync("POST", "/register", null, new
        {
            install_token = InstallToken, machine_id = MachineId, ssh_fingerprint = SshFingerprint, hostname = Hostname, public_ip = PublicIp, agent_version = "1.0", ratchet = HasRatchet,
        }, Headers),
        CheckIn => Http.CallAsync("POST", "/checkin", ServerToken, HasRatchet ? new { checkin_key = CheckinKey } : null, Headers),
        Revoke => Http.CallAsync("POST", "/revoke", ServerToken, null, Headers),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    private Task<Answer> PostAsync(object body, string step) => Http.CallAsync("POST", $"{InstallRequests.Api}/install/{step}", null, body, Headers);

    private void Learn(JsonElement data)
    {
        Code = Said("install_code") ?? Code;
        PrecheckToken = Said("precheck_token") ?? PrecheckToken;
        ActivationId = Said("activation_id") ?? ActivationId;
        InstallToken = Said("install_token") ?? InstallToken;
        ServerId = Said("server_id") ?? ServerId;
        ServerToken = Said("server_token") ?? ServerToken;
        Receipt = Said("receipt") ?? Receipt;
        CheckinKey = Said("checkin_key") ?? CheckinKey;

        string? Said(string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
