namespace InstallLifecycle.Activations;

/// <summary>The body of a confirmation (seed 002).</summary>
internal sealed record ConfirmBody(string? ActivationId, string? InstallToken);

/// <summary>The body of a release (seed 002); the token may come along, and must then be the activation's.</summary>
internal sealed record ReleaseBody(string? ActivationId, string? InstallToken, string? Reason = null);

/// <summary>A confirmation whose fields are right.</summary>
internal sealed record ConfirmRequest(string ActivationId, string InstallToken)
{
    public static Outcome<ConfirmRequest> Of(ConfirmBody body)
    {
        var fields = new Fields();
        var request = new ConfirmRequest(fields.Text("activation_id", body.ActivationId), fields.Text("install_token", body.InstallToken));
        return fields.Problem is { } problem ? problem : request;
    }
}

/// <summary>A release whose fields are right.</summary>
/// <param name="ActivationId">Of which activation.</param>
/// <param name="InstallToken">Its token, if it was shown.</param>
/// <param name="Reason">Why the install is given up, if that was said.</param>
internal sealed record ReleaseRequest(string ActivationId, string? InstallToken, string? Reason)
{
    public static Outcome<ReleaseRequest> Of(ReleaseBody body)
    {
        var fields = new Fields();
        var request = new ReleaseRequest(fields.Text("activation_id", body.ActivationId),
            string.IsNullOrEmpty(body.InstallToken) ? null : fields.Text("install_token", body.InstallToken), fields.Reason(body.Reason));
        return fields.Problem is { } problem ? problem : request;
    }
}
