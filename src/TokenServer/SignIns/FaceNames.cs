namespace TokenServer.SignIns;

/// <summary>What a sign-in's face is called where sign-ins are counted.</summary>
internal static class FaceNames
{
    private static readonly (PathString Prefix, string Name)[] Names =
        [("/api/v1/auth", "account"), ("/api", "intunnel"), ("/auth", "vpn_enterprise"), ("/v1/auth", "vpn_enterprise")];

    /// <summary>The name of the face at <paramref name="path"/>; what is none of the products' is a page.</summary>
    public static string Of(PathString path)
    {
        foreach (var (prefix, name) in Names)
            if (path.StartsWithSegments(prefix)) return name;
        return "web";
    }
}
