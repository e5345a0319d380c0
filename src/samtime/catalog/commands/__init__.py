"""What people do with services: services.py one by one, service_file.py by import."""
