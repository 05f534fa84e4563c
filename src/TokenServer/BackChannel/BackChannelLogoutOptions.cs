namespace TokenServer.BackChannel;

/// <summary>Settings <c>BackChannelLogout</c> (contract section 9).</summary>
internal sealed class BackChannelLogoutOptions
{
    /// <summary>Whether logout tokens may be sent to addresses of a private network, outside of Development too.</summary>
    public bool AllowPrivateAddresses { get; set; }
}
