using Microsoft.AspNetCore.Http;

namespace InstallLifecycle.Tests.Support;

/// <summary>A host that is called what the request calls it.</summary>
internal sealed class TestAddress : IInstallAddress
{
    public string Of(HttpRequest request) => $"{request.Scheme}://{request.Host}";
}
