using TokenServer.Clients;
using TokenServer.Telemetry;

namespace TokenServer.Accounts;

/// <summary>Tells of each attempt to sign in: all are counted, and one that failed is a line in the log. Nothing that was typed is in it:
/// people type a password where the name belongs.</summary>
internal sealed partial class SignInReport(Instruments instruments, ILogger<SignIn> logger)
{
    private static readonly string[] Good = ["ok", "second_factor_required"];

    /// <param name="caller">Whose attempt.</param>
    /// <param name="outcome">What became of it, in one word.</param>
    /// <param name="clientId">By which client; null where there is none.</param>
    public void Tell(SignInCaller caller, string outcome, string? clientId)
    {
        instruments.SignedIn(caller.Face, outcome);
        if (!Good.Contains(outcome)) Log.Failed(logger, caller.Face, outcome, clientId, caller.Address);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "A sign-in failed: {Face} {Outcome}, client {ClientId}, from {Address}")]
        public static partial void Failed(ILogger logger, string face, string outcome, string? clientId, string? address);
    }
}
