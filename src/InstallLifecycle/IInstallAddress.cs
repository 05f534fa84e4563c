namespace InstallLifecycle;

/// <summary>The address by which browsers and machines reach the server: a port, since the host alone knows it.</summary>
public interface IInstallAddress
{
    /// <summary>Scheme, host, port and path if there is one, without a slash at the end: <c>https://id.example.com</c>.</summary>
    /// <param name="request">The request, where nothing else says what the server is called.</param>
    string Of(HttpRequest request);
}
