namespace InstallLifecycle;

/// <summary>The catalogue of errors (contract section 5): each code with its status and its words, once.</summary>
/// <param name="Code"><c>error.code</c>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message"><c>error.message</c>, safe to show to operators.</param>
public sealed record InstallError(string Code, int Status, string Message)
{
    internal static readonly InstallError
        PayloadTooLarge = new("payload_too_large", 413, "The body is larger than 64 KB."),
        PrecheckTokenInvalid = new("precheck_token_invalid", 401,
            "The precheck token is not valid for this install code. Run the precheck again."),
        PrecheckTokenExpired = new("precheck_token_expired", 401, "The precheck token has expired. Run the precheck again."),
        HostKeyProofInvalid = new("host_key_proof_invalid", 401,
            "The host key's signature is missing, or is not its own over the text of this precheck. Run the precheck again."),
        InstallTokenInvalid = new("install_token_invalid", 401, "The install token is not valid for this activation."),
        InstallTokenExpired = new("install_token_expired", 401, "The install token has expired."),
        BrowserSessionRequired = new("browser_session_required", 403, "Open the SlowDNS page first before requesting an install code."),
        CrossSiteRequest = new("cross_site_request", 403, "Install codes are issued to the SlowDNS page of this server only."),
        HttpsRequired = new("https_required", 403, "HTTPS is required."),
        InstallCodeInvalid = new("install_code_invalid", 404, "Install code is not valid."),
        ActivationNotFound = new("activation_not_found", 404, "There is no such activation."),
        ReceiptNotFound = new("receipt_not_found", 404, "There is no receipt of this install."),
        NotFound = new("not_found", 404, "There is nothing at this address."),
        MethodNotAllowed = new("method_not_allowed", 405, "The method is not allowed here."),
        UnsupportedMediaType = new("unsupported_media_type", 415, "The body must be application/json, not compressed."),
        InstallCodeUsed = new("install_code_used", 409, "Install code has already been used."),
        MachineMismatch = new("machine_mismatch", 409, "Install code is bound to another machine."),
        InstallTokenConsumed = new("install_token_consumed", 409, "The install has already been confirmed."),
        ActivationReleased = new("activation_released", 409, "The activation has been released."),
        ActivationConfirmed = new("activation_confirmed", 409, "The activation has been confirmed and can no longer be released."),
        InstallCodeExpired = new("install_code_expired", 410, "Install code has expired."),
        InstallCodeRevoked = new("install_code_revoked", 410, "Install code has been revoked."),
        ProductNotSupported = new("product_not_supported", 422, "The product is not supported; this server installs slowdns."),
        Internal = new("internal_error", 500, "The server failed; the error is in its log."),
        Unavailable =
            new("unavailable", 503, "The server is not available now. Please try again.") { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>When it may be tried again, from now; null where that is not known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    internal static InstallError InvalidRequest(string message) => new("invalid_request", 400, message);

    internal static InstallError HostKeyNotSupported(string message) => new("host_key_not_supported", 422, message);

    internal static InstallError RateLimitExceeded(TimeSpan wait) =>
        new("rate_limit_exceeded", 429, "Too many requests. Please wait before trying again.") { RetryAfter = wait };

    /// <summary>The error that a bare status stands for, where nothing wrote one.</summary>
    internal static InstallError OfStatus(int status) => status switch
    {
        StatusCodes.Status403Forbidden => HttpsRequired,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status503ServiceUnavailable => Unavailable,
        >= 500 => Internal,
        _ => InvalidRequest("The request is not well-formed."),
    };

    /// <summary>Seconds for the <c>Retry-After</c> header (RFC 9110 section 10.2.3); null where there is none.</summary>
    internal long? RetryAfterSeconds => RetryAfter is { } wait ? Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)) : null;
}
