namespace TokenServer.Foundation;

/// <summary>Requests that only read: GET, and HEAD, which asks for the same without the body.</summary>
internal static class ReadRequest
{
    public static bool IsRead(this HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
}
