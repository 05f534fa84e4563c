using System.Reflection;
using Microsoft.Net.Http.Headers;

namespace InstallLifecycle.Codes.Page;

/// <summary>A file that is served out of the assembly.</summary>
public sealed class EmbeddedFile
{
    private const string Forever = "public, max-age=31536000, immutable", Asked = "no-cache";
    private readonly byte[] content;
    private readonly string contentType;
    private readonly EntityTagHeaderValue tag;

    private EmbeddedFile(byte[] content, string contentType)
    {
        this.content = content;
        this.contentType = contentType;
        Version = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        tag = new EntityTagHeaderValue($"\"{Version}\"");
    }

    /// <summary>The file's bytes.</summary>
    public ReadOnlyMemory<byte> Content => content;

    /// <summary>Changes with the content; an address that carries it as <c>v</c> may be kept for good.</summary>
    public string Version { get; }

    /// <summary>The file of this resource name; null where the assembly was built without it.</summary>
    /// <param name="assembly">The assembly that holds it.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="contentType">What it is served as.</param>
    public static EmbeddedFile? Find(Assembly assembly, string name, string contentType)
    {
        using var stream = assembly.GetManifestResourceStream(name);
        if (stream is null) return null;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return new EmbeddedFile(bytes.ToArray(), contentType);
    }

    /// <summary>The files of the chosen resources as one, in the order of their file names; null where there are none.</summary>
    /// <param name="assembly">The assembly that holds them.</param>
    /// <param name="isPart">Whether a resource is a part.</param>
    /// <param name="contentType">What the whole is served as.</param>
    public static EmbeddedFile? Join(Assembly assembly, Func<string, bool> isPart, string contentType)
    {
        using var bytes = new MemoryStream();
        var names = assembly.GetManifestResourceNames().Where(isPart);
        foreach (string name in names.OrderBy(n => n[n.LastIndexOf('/')..], StringComparer.Ordinal))
        {
            using var part = assembly.GetManifestResourceStream(name)!;
            part.CopyTo(bytes);
        }
        return bytes.Length == 0 ? null : new EmbeddedFile(bytes.ToArray(), contentType);
    }

    /// <summary>Answers with the file, or with 304 to who has it already.</summary>
    /// <param name="context">The request.</param>
    public Task WriteAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = context.Request.Query["v"] == Version ? Forever : Asked;
        return Results.Bytes(content, contentType, entityTag: tag).ExecuteAsync(context);
    }
}
