package payments;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** A payment, and what Enrich adds to it. The fields are those of the Avro schemas; one that a schema lacks stays as it is. */
public class Payment {
    public long number;
    public String account;
    public long cents;
    public long nth;
    public long total;
    public String model = "";

    /** A line {@code number,account,cents}; {@code null} for one that is not that. */
    static Payment ofLine(String line) {
        String[] parts = line.split(",", -1);
        Payment payment = new Payment();
        try {
            payment.number = Long.parseLong(parts[0]);
            payment.account = parts[1];
            payment.cents = Long.parseLong(parts[2]);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return null;
        }
        return parts.length == 3 && !payment.account.isEmpty() ? payment : null;
    }

    static Payment of(GenericRecord record) {
        Payment payment = new Payment();
        payment.number = (Long) record.get("number");
        payment.account = record.get("account").toString();
        payment.cents = (Long) record.get("cents");
        if (record.hasField("nth")) {
            payment.nth = (Long) record.get("nth");
            payment.total = (Long) record.get("total");
            payment.model = record.get("model").toString();
        }
        return payment;
    }

    GenericRecord as(Schema schema) {
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            record.put(field.pos(), value(field.name()));
        }
        return record;
    }

    private Object value(String field) {
        switch (field) {
            case "number":
                return number;
            case "account":
                return account;
            case "cents":
                return cents;
            case "nth":
                return nth;
            case "total":
                return total;
            case "model":
                return model;
            default:
                throw new IllegalArgumentException("a payment has no field " + field);
        }
    }
}
