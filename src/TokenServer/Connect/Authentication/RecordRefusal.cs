using System.Collections.Frozen;
using OpenIddict.Server;
using TokenServer.Audit;
using TokenServer.RateLimits;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authentication;

/// <summary>
/// ProcessError, after <see cref="RefuseClient"/>: a grant, a scope, an audience or a proof that was refused to a client leaves a bounded
/// audit entry with the reason, whoever refused it; what the core has recorded itself, with whose it was, is left to it. The answer
/// stays as it is (docs/decisions/0039).
/// </summary>
internal sealed class RecordRefusal(BoundedRefusals refusals, TimeProvider clock) : IOpenIddictServerHandler<ProcessErrorContext>
{
    private static readonly FrozenDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["unauthorized_client"] = AuditReason.GrantNotAllowed, ["invalid_scope"] = AuditReason.ScopeNotAllowed,
        ["invalid_target"] = AuditReason.TargetNotAllowed, ["invalid_grant"] = AuditReason.InvalidGrant,
        ["invalid_dpop_proof"] = AuditReason.WrongProof, ["unsupported_grant_type"] = AuditReason.GrantNotAllowed,
    }.ToFrozenDictionary();

    public async ValueTask HandleAsync(ProcessErrorContext context)
    {
        if (context.Error is not { } error || !Reasons.TryGetValue(error, out string? reason)) return;
        var request = ConnectRequest.Of(context);
        if (request.IsRecorded || request.Client is not { } client) return;
        await refusals.AppendAsync(ClientAddress.Key(request.Http), new AuditEvent("grant.refused", clock.GetUtcNow().UtcDateTime)
        {
            ClientId = client.ClientId, Address = request.Address, Detail = reason,
        });
    }
}
