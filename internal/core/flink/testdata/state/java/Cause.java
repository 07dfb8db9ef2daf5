import org.apache.flink.util.SerializedThrowable;

/** The cause of a failure in few words, which are the same in each run. */
final class Cause {
    private static final int LENGTH = 160;

    private Cause() {}

    static String of(Throwable failure) {
        Throwable cause = failure;
        while (true) {
            if (cause instanceof SerializedThrowable) {
                Throwable original = ((SerializedThrowable) cause).deserializeError(Cause.class.getClassLoader());
                if (original != cause) {
                    cause = original;
                    continue;
                }
            }
            if (cause.getCause() == null || cause.getCause() == cause) {
                break;
            }
            cause = cause.getCause();
        }
        String name = cause instanceof SerializedThrowable ? ((SerializedThrowable) cause).getOriginalErrorClassName() : cause.getClass().getName();
        return name.substring(name.lastIndexOf('.') + 1) + ": " + plain(String.valueOf(cause.getMessage()));
    }

    /** A text on one line, without what differs between two runs, and not longer than a line of the table may be. */
    static String plain(String text) {
        String plain = text.replaceAll("file:[^ ,)\\]]*", "FILE").replaceAll("(/[^ ,:)\\]]+){2,}", "FILE").replaceAll("@[0-9a-f]{4,}", "@")
                .replaceAll("\\b[0-9a-f]{32}(_[0-9a-f]+)*\\b", "ID").replaceAll("\\s+", " ").trim().replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() <= LENGTH ? plain : plain.substring(0, LENGTH) + "…";
    }
}
