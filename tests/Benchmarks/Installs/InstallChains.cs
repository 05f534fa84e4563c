using System.Security.Cryptography;
using System.Text;
using Benchmarks.Load;
using Ssh;

namespace Benchmarks.Installs;

/// <summary>On each connection one install after another, each of a machine of its own that proves its host key.</summary>
/// <param name="cookies">The browser session of each connection.</param>
internal sealed class InstallChains(string[] cookies) : IRequestSource
{
    /// <summary>Requests of an install.</summary>
    public const int Steps = 5;

    private readonly Chain[] chains = [.. cookies.Select(c => new Chain(c))];

    /// <summary>Where the servers that register are to be noted; null for nowhere.</summary>
    public (string Token, string Key)[]? Registered { get; set; }

    public byte[] Next(int connection) => chains[connection].Next();

    public void Take(int connection, ReadOnlySpan<byte> body)
    {
        string answer = Encoding.UTF8.GetString(body);
        if (chains[connection].Take(answer) && Registered is { } registered) registered[connection] = (chains[connection].Member(answer, "server_token"), chains[connection].Member(answer, "checkin_key"));
    }

    private sealed class Chain(string cookie) : IDisposable
    {
        private const string Api = "/api/v2/slowdns";
        private readonly SshKey key = new();
        private int step;
        private string machineId = "", code = "", precheckToken = "", proofText = "", activationId = "", installToken = "";

        public void Dispose() => key.Dispose();

        public byte[] Next() => step switch
        {
            0 => Request($"{Api}/code/issue", "{}", $"Cookie: {cookie}\r\n"),
            1 => Request($"{Api}/install/precheck", $$"""{"install_code":"{{code}}",{{Machine}},"product":"slowdns","installer_version":"1","ssh_public_key":"{{key.PublicKey}}"}"""),
            2 => Request($"{Api}/install/activate", $$"""{"install_code":"{{code}}","precheck_token":"{{precheckToken}}",{{Machine}},{{Place}},"requested_ref":"main","installer_version":"1","ssh_signature":"{{key.Sign(proofText).Replace("\n", "\\n", StringComparison.Ordinal)}}"}"""),
            3 => Request("/register", $$"""{"install_token":"{{installToken}}",{{Machine}},{{Place}},"agent_version":"1","ratchet":true}"""),
            _ => Request($"{Api}/install/confirm", $$"""{"activation_id":"{{activationId}}","install_token":"{{installToken}}"}"""),
        };

        /// <summary>Takes an answer; whether it was a registration's.</summary>
        public bool Take(string answer)
        {
            switch (step)
            {
                case 0: (machineId, code) = (RandomNumberGenerator.GetHexString(32, lowercase: true), Member(answer, "install_code")); break;
                case 1: (precheckToken, proofText) = (Member(answer, "precheck_token"), Member(answer, "proof_text").Replace("\\n", "\n", StringComparison.Ordinal)); break;
                case 2: (activationId, installToken) = (Member(answer, "activation_id"), Member(answer, "install_token")); break;
                case 4: _ = Member(answer, "receipt"); break;
            }
            bool isRegistration = step == 3;
            step = (step + 1) % Steps;
            return isRegistration;
        }

        public string Member(string answer, string name) => Encoding.UTF8.GetString(AnswerText.Member(Encoding.UTF8.GetBytes(answer), AnswerText.Name(name)));

        private string Machine => $"\"machine_id\":\"{machineId}\",\"ssh_fingerprint\":\"{key.Fingerprint}\"";

        private static string Place => "\"hostname\":\"ns1.example.com\",\"public_ip\":\"203.0.113.10\"";

        private static byte[] Request(string path, string json, string more = "") => JsonRequest.Create(path, json, more);
    }
}

/// <summary>Each connection's server checks in again and again, with the key that the last answer gave.</summary>
/// <param name="servers">The servers, one a connection.</param>
internal sealed class CheckinChains((string Token, string Key)[] servers) : IRequestSource
{
    private static readonly byte[] member = AnswerText.Name("checkin_key");
    private readonly (string Token, string Key)[] servers = [.. servers];

    public byte[] Next(int connection) => JsonRequest.Create("/checkin",
        $$"""{"checkin_key":"{{servers[connection].Key}}","checkin_nonce":"{{RandomNumberGenerator.GetHexString(32)}}","agent_version":"1.0.1"}""", $"Authorization: Bearer {servers[connection].Token}\r\n");

    public void Take(int connection, ReadOnlySpan<byte> body) => servers[connection].Key = Encoding.ASCII.GetString(AnswerText.Member(body, member));
}

/// <summary>A POST of JSON.</summary>
internal static class JsonRequest
{
    public static byte[] Create(string path, string json, string headers) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");
}
